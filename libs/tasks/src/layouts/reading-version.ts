/** Raised when the same files would give other classes, other pixels or another report: images that were kept are then read again. */
export const READING_VERSION = 2;
