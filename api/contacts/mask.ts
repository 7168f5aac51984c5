import type { ContactMethod } from '../../config/types.js';

/**
 * An address so that its owner knows it again and nobody learns it: `+12•••••01`, `a•••@example.com`. Topics and addresses of
 * webhooks are secrets: of those only the server is told.
 */
export function masked({ channel, address }: Pick<ContactMethod, 'channel' | 'address'>): string {
  switch (channel) {
    case 'sms':
    case 'voice':
      return address.length < 8 ? '•••' : `${address.slice(0, 3)}•••••${address.slice(-2)}`;
    case 'email': {
      const at = address.lastIndexOf('@');
      return at < 1 ? '•••' : `${address.slice(0, 1)}•••${address.slice(at)}`;
    }
    case 'webhook':
      return URL.canParse(address) ? `${new URL(address).origin}/•••` : '•••';
    case 'push':
    case 'chat':
      return '•••';
    default:
      return channel satisfies never;
  }
}
