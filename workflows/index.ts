export { incident } from './incident.js';
export { review } from './review.js';
