/**
 * Resolves as `work` does, or rejects with `message` after `timeoutMs`. `work` itself goes on: the caller decides what
 * to do about it.
 */
export declare function within<T>(work: Promise<T>, timeoutMs: number, message: string): Promise<T>;
//# sourceMappingURL=deadline.d.ts.map