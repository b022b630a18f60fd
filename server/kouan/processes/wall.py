"""Shut this process in for good: no socket, no program, no other process, no file but those it is given. Knows the kernel only.

Three walls stand behind one another: `no_new_privs`, a seccomp filter on system calls (seccomp(2), x86-64 and AArch64), and
a Landlock ruleset on the file system (landlock(7)) where the kernel has it. What is shut in keeps what is open already.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

PR_SET_NO_NEW_PRIVS = 38
SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC = 1, 1
RET_ALLOW, RET_ERRNO = 0x7FFF0000, 0x00050000
# What a filter is made of: load a word, compare, return (linux/filter.h).
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
# Where a system call's number, its architecture and the lower half of an argument stand (struct seccomp_data).
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16
X32 = 0x40000000
CLONE_THREAD = 0x10000
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
SECCOMP = {"x86_64": 317, "aarch64": 277}
# Each with its number on x86-64 and on AArch64; None is a call that is not to be had there.
Numbers = dict[str, tuple[int | None, int | None]]
NO_NETWORK: Numbers = {
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
}
NO_PROGRAMS: Numbers = {"execve": (59, 221), "execveat": (322, 281)}
NO_FORKS: Numbers = {
    "fork": (57, None),
    "vfork": (58, None),
    "kill": (62, 129),
    "pidfd_open": (434, 434),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setaffinity": (203, 122),
    "sched_setattr": (314, 274),
}
# What names a process first may name this one, as 0 too. Who may end its children reaches them anyway.
ONESELF: Numbers = {"prlimit64": (302, 261), "rt_tgsigqueueinfo": (297, 240)}
ONESELF_ALONE: Numbers = {"tgkill": (234, 131)}
NO_OTHERS: Numbers = {
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "kcmp": (312, 272),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "chroot": (161, 51),
    "pivot_root": (155, 41),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "reboot": (169, 142),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "open_by_handle_at": (304, 265),
}
NO_CHANGES: Numbers = {
    "creat": (85, None),
    "truncate": (76, 45),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "rmdir": (84, None),
    "link": (86, None),
    "linkat": (265, 37),
    "symlink": (88, None),
    "symlinkat": (266, 36),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "chmod": (90, None),
    "fchmodat": (268, 53),
    "chown": (92, None),
    "fchownat": (260, 54),
    "utimensat": (280, 88),
    "openat2": (437, 437),
}
CLONE, CLONE3 = (56, 220), (435, 435)
OPEN, OPENAT = (2, None), (257, 56)
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
LANDLOCK_VERSION = 1
PATH_BENEATH = 1
# Rights of the first version of Landlock (linux/landlock.h), which every later one has: all of them are taken away, and to
# read files and to list folders is given back below some folders.
ALL_RIGHTS, READ_RIGHTS = (1 << 13) - 1, (1 << 2) | (1 << 3)


@cache
def has_wall() -> bool:
    """Return whether this system can shut a process in: Linux with seccomp on a machine whose calls are known here."""
    return sys.platform == "linux" and platform.machine() in MACHINES and Path("/proc/sys/kernel/seccomp").is_dir()


def shut_in(
    readable: Iterable[Path] = (), *, may_write: bool = False, may_fork: bool = False, may_start: bool = False
) -> bool:
    """Return whether this process, all its threads, can open no socket and start no program or process from now on.

    Where files may not be written, it also opens none but below the folders that are readable and where Python's own code
    stands. What may fork has children behind the same wall, and may end them; what may start starts programs there too.
    Raises OSError where the system has a wall and refuses it.
    """
    if not has_wall():
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    _check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    if not may_write:
        # The last of these is another folder for each process.
        _restrict_files(libc, code() | {path.resolve() for path in (*readable, Path("/proc/self")) if path.exists()})
    machine = platform.machine()
    instructions = b"".join(
        _filter(*MACHINES[machine], may_write=may_write, may_fork=may_fork or may_start, may_start=may_start)
    )
    program = ctypes.create_string_buffer(instructions, len(instructions))
    described = struct.pack("HxxxxxxP", len(instructions) // 8, ctypes.addressof(program))
    _check(libc.syscall(SECCOMP[machine], SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, described))
    return True


def _check(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), f"the kernel refuses the wall: {os.strerror(ctypes.get_errno())}")


def _filter(architecture: int, column: int, *, may_write: bool, may_fork: bool, may_start: bool) -> Iterator[bytes]:
    """Yield the instructions of the filter; each jump leads over the next instruction or to it."""
    refuse = _instruction(RETURN, 0, 0, RET_ERRNO | errno.EACCES)
    absent = _instruction(RETURN, 0, 0, RET_ERRNO | errno.ENOSYS)
    yield _instruction(LOAD, 0, 0, ARCHITECTURE)
    yield from (_instruction(EQUAL, 1, 0, architecture), refuse)
    yield _instruction(LOAD, 0, 0, NUMBER)
    yield from (_instruction(AT_LEAST, 0, 1, X32), refuse)
    groups = [NO_NETWORK, NO_OTHERS, *([] if may_start else [NO_PROGRAMS]), *([] if may_write else [NO_CHANGES])]
    groups += [] if may_fork else [NO_FORKS]
    numbers = [each[column] for group in groups for each in group.values()]
    for number in sorted(each for each in numbers if each is not None):
        yield from (_instruction(EQUAL, 0, 1, number), refuse)
    # The C library makes a thread with clone where the newer call, whose flags no filter can see, is not to be had.
    yield from (_instruction(EQUAL, 0, 1, CLONE3[column]), absent)
    if not may_fork:
        yield _instruction(EQUAL, 0, 3, CLONE[column])
        yield from (_argument(0), _instruction(ANY_BIT, 1, 0, CLONE_THREAD), refuse)
    if not may_write:
        for call, flags in ((OPEN, 1), (OPENAT, 2)):
            if call[column] is not None:
                yield _instruction(LOAD, 0, 0, NUMBER)
                yield _instruction(EQUAL, 0, 3, call[column])
                yield from (_argument(flags), _instruction(ANY_BIT, 0, 1, WRITING), refuse)
    for each in (ONESELF if may_fork else ONESELF | ONESELF_ALONE).values():
        yield _instruction(LOAD, 0, 0, NUMBER)
        yield _instruction(EQUAL, 0, 4, each[column])
        yield from (_argument(0), _instruction(EQUAL, 2, 0, 0), _instruction(EQUAL, 1, 0, os.getpid()), refuse)
    yield _instruction(RETURN, 0, 0, RET_ALLOW)


def _instruction(code: int, if_so: int, if_not: int, value: int | None) -> bytes:
    assert value is not None
    return struct.pack("HBBI", code, if_so, if_not, value)


def _argument(place: int) -> bytes:
    """Return the instruction that loads the lower half of an argument, which holds all flags."""
    return _instruction(LOAD, 0, 0, ARGUMENTS + 8 * place)


@cache
def code() -> frozenset[Path]:
    """Return the folders that Python and its packages are read from, and what its libraries read of the system.

    To find them takes longer than the rest of the wall; who forks others that shut themselves in asks for them first.
    """
    installed = {Path(place) for place in (*sysconfig.get_paths().values(), sys.base_prefix, sys.prefix)}
    # Packages of one user, and those that an environment borrows from another.
    installed |= {Path(place) for place in sys.path if Path(place).name in {"site-packages", "dist-packages"}}
    system = {Path(place) for place in ("/usr/lib", "/usr/share/zoneinfo", "/lib", "/lib64", "/dev/urandom")}
    every = installed | system | {Path(__file__).resolve().parents[1]}
    return frozenset(path.resolve() for path in every if path.exists())


def _restrict_files(libc: ctypes.CDLL, readable: Iterable[Path]) -> None:
    """Let files be read below some folders only, where the kernel has Landlock."""
    if libc.syscall(LANDLOCK_CREATE, None, 0, LANDLOCK_VERSION) < 1:
        return
    handled = struct.pack("Q", ALL_RIGHTS)
    rules = libc.syscall(LANDLOCK_CREATE, handled, len(handled), 0)
    if rules < 0:
        _check(rules)
    try:
        for folder in readable:
            handle = os.open(folder, os.O_PATH | os.O_CLOEXEC)
            rights = READ_RIGHTS if folder.is_dir() else 1 << 2
            _check(libc.syscall(LANDLOCK_ADD, rules, PATH_BENEATH, struct.pack("=Qi", rights, handle), 0))
            os.close(handle)
        _check(libc.syscall(LANDLOCK_RESTRICT, rules, 0))
    finally:
        os.close(rules)
