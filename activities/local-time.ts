/** Its old name, for the command line until it imports `config/zone-times.ts`. */
export { zoneTimes as localTimes } from '../config/zone-times.js';
