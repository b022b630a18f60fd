// Where this server stands: a proxy may serve it below a path.

/** The folder of the built code. */
export const FOLDER = new URL("./", import.meta.url).pathname;
/** The path that all addresses of the server begin with, "" where it has none. */
export const ROOT = FOLDER.replace(/\/static\/ui\/$/, "");
