import type { Colours } from './colours.js';

/** Red: nobody has it; yellow: somebody has; green: quiet. */
export function phaseColour(phase: string, colours: Colours): (text: string) => string {
  switch (phase) {
    case 'triggered':
      return colours.red;
    case 'acknowledged':
    case 'investigating':
    case 'mitigated':
      return colours.yellow;
    default:
      return colours.green;
  }
}
