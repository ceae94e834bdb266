export { listenForStop, type StopListener } from './listen-for-stop.js';
