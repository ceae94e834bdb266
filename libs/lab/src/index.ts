export * from './ports.js';
export { tHalfWidth } from '@airmeta/numerics';
