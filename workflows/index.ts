export { heartbeat } from './heartbeat.js';
export { incident } from './incident.js';
export { review } from './review.js';
