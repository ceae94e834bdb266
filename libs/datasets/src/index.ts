export { DatasetFolders } from './dataset-folders.js';
export { ImageCache, type ImageCacheSettings } from './image-cache.js';
export { imageCacheDirectory } from './image-cache-directory.js';
export { ImageLibrary } from './image-library.js';
export { inspectTask, type TaskInspection } from './inspect-task.js';
export { contactSheetPng, summarizeDataset } from './summarize-dataset.js';
