/** Injection tokens of the server's parts. */
export const CONFIG = Symbol('config');
export const LOGGER = Symbol('logger');
/** As the caller of the current request sees it. */
export const PERSISTENCE = Symbol('persistence');
/** All of it, for what serves no single caller. */
export const WHOLE_PERSISTENCE = Symbol('whole persistence');
export const QUEUE = Symbol('queue');
export const DATASETS = Symbol('datasets');
export const METRICS_REGISTRY = Symbol('metrics registry');
export const TRACING = Symbol('tracing');
