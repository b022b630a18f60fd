"""What provinces of China are called beside their names. Knows spellings; knows no things."""

from __future__ import annotations

# By code: the spelling of the post office before 1958, short forms of the autonomous regions, what other writers use.
CALLED = {
    "140000": "Shansi",
    "150000": "内蒙 NMG IMAR NMAR Nei-Mongol Nei-Monggol Neimeng Inner-Mongol Southern-Mongolia Öbör-Mongol",
    "210000": "Fengtien Shengking",
    "220000": "Kirin Girin",
    "230000": "Heilungkiang Heilungchiang Heilongkiang",
    "450000": "Kwangsi Kuangsi Guangsi GZAR GXZAR Gvangjsih",
    "520000": "Kweichow Kueichow",
    "530000": "Yünnan Yuennan",
    "540000": "TAR Thibet Xizang Sitsang Hsitsang Tibet-AR",
    "610000": "Shensi",
    "620000": "Kansu",
    "630000": "Tsinghai Chinghai Kokonor",
    "640000": "Ninghsia Ningsia NHAR",
    "650000": "Sinkiang Hsinkiang XUAR Shinjang Chinese-Turkestan Eastern-Turkestan Sinkiang-Uighur",
}
# The characters that stand for a province on number plates and in the press; too short to be a name by themselves.
CHARACTERS = {
    "140000": "晋",
    "150000": "蒙",
    "210000": "辽",
    "220000": "吉",
    "230000": "黑",
    "450000": "桂",
    "520000": "黔贵",
    "530000": "滇云",
    "540000": "藏",
    "610000": "陕秦",
    "620000": "甘陇",
    "630000": "青",
    "640000": "宁",
    "650000": "新",
}
# Provinces of the neighbours that touch China, by the country: the graph places what lies there by its country alone.
ABROAD = {
    "vietnam": "Quảng-Ninh Lạng-Sơn Cao-Bằng Hà-Giang Tuyên-Quang Lào-Cai Lai-Châu Điện-Biên",
    "laos": "Luang-Namtha Louang-Namtha Phongsaly Oudomxay Bokeo",
    "myanmar": "Shan Northern-Shan Kachin",
    "russia": "Primorsky Primorskiy Primorye Amur Amurskaya Khabarovsk Jewish-Autonomous Zabaykalsky Zabaikalsky Transbaikal "
    "Chita Приморский Амурская Хабаровский Забайкальский Еврейская-автономная",
    "mongolia": "Dornod Sükhbaatar Dornogovi Ömnögovi Umnugovi South-Gobi Bayankhongor Govi-Altai Khovd Bayan-Ölgii Дорнод "
    "Дорноговь Өмнөговь Ховд Баян-Өлгий Говь-Алтай",
    "kazakhstan": "Almaty Jetisu Zhetysu Zhetisu Abai East-Kazakhstan",
    "kyrgyzstan": "Osh Naryn Issyk-Kul Ysyk-Köl",
    "tajikistan": "Gorno-Badakhshan GBAO Mountainous-Badakhshan",
    "pakistan": "Gilgit-Baltistan Balochistan Khyber-Pakhtunkhwa",
    "nepal": "Bagmati Rasuwa Sindhupalchok Gandaki Karnali Koshi",
    "india": "Sikkim Uttarakhand Ladakh Arunachal",
    "north-korea": "North-Hamgyong North-Hamgyŏng North-Pyongan North-P'yŏngan Ryanggang Chagang Rason",
}


def other_names(code: str) -> list[str]:
    """Return the names by which a province of a code is called, too."""
    return [name.replace("-", " ") for name in CALLED.get(code, "").split()]


def provinces_abroad(country: str) -> list[str]:
    """Return the names of the provinces along the border of a country, by its name after /id/."""
    return [name.replace("-", " ") for name in ABROAD.get(country, "").split()]
