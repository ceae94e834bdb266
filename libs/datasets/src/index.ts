export { DatasetFolders } from './dataset-folders.js';
export { ImageLibrary } from './image-library.js';
export { inspectTask, type TaskInspection } from './inspect-task.js';
