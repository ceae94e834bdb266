export { DatasetFolders } from './dataset-folders.js';
export { ImageLibrary } from './image-library.js';
export { problemWithTask } from './inspect-task.js';
