/** Injection tokens of the server's parts. */
export const CONFIG = Symbol('config');
export const LOGGER = Symbol('logger');
export const PERSISTENCE = Symbol('persistence');
export const QUEUE = Symbol('queue');
export const DATASETS = Symbol('datasets');
