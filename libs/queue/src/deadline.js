/**
 * Resolves as `work` does, or rejects with `message` after `timeoutMs`. `work` itself goes on: the caller decides what
 * to do about it.
 */
export async function within(work, timeoutMs, message) {
    let timer;
    const deadline = new Promise((_resolve, reject) => {
        timer = setTimeout(() => reject(new Error(message)), timeoutMs);
    });
    try {
        return await Promise.race([work, deadline]);
    }
    finally {
        clearTimeout(timer);
    }
}
//# sourceMappingURL=deadline.js.map