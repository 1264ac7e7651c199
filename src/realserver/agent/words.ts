import { MILLION } from './host.js';

/** `14:02:11 up 12 days,  3:04,  load average: …`: uptime(1)'s line, but for the number of users. */
export function uptimeLine(now: Date, seconds: bigint, load: string): string {
  const clock = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(':');
  const averages = [...load.split(' ').filter(word => word !== ''), '0.00', '0.00', '0.00'];
  return ` ${clock} up ${duration(seconds)},  load average: ${averages.slice(0, 3).join(', ')}\n`;
}

function duration(seconds: bigint): string {
  const [days, hours, minutes] = [seconds / 86_400n, (seconds / 3600n) % 24n, (seconds / 60n) % 60n];
  const time = hours === 0n ? `${minutes} min` : `${String(hours).padStart(2)}:${two(minutes)}`;
  if (days === 0n) return time;
  return `${days} ${days === 1n ? 'day' : 'days'}, ${time}`;
}

function two(number: number | bigint): string {
  return String(number).padStart(2, '0');
}

/** Millionths as a decimal number, without what means nothing. */
export function decimal(millionths: bigint): string {
  const fraction = String(millionths % MILLION)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return `${millionths / MILLION}${fraction === '' ? '' : `.${fraction}`}`;
}
