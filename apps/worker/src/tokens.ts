/** Injection tokens of the worker's parts. */
export const CONFIG = Symbol('config');
export const LOGGER = Symbol('logger');
export const PERSISTENCE = Symbol('persistence');
export const QUEUE = Symbol('queue');
export const QUEUE_BACKEND = Symbol('queue backend');
export const SIMULATOR = Symbol('simulator');
export const TRACING = Symbol('tracing');
