/**
 * What the kernel reads of a value where it wants numbers (`proc_get_long` of kernel/sysctl.c): in C's notation, as far
 * as each is followed by a blank or the end. What does not begin with one stays as it is.
 *
 * @param value with single blanks
 */
export function numbersIn(value: string): string {
  const [leading = ''] = /^(?:-?(?:0x[0-9a-f]+|\d+)(?: |$))*/i.exec(value) ?? [];
  const words = leading.trim().split(' ');
  return leading === '' ? value : words.map(one => String(numberOf(one))).join(' ');
}

function numberOf(word: string): number {
  const [, minus, digits = ''] = /^(-?)(.*)$/.exec(word) ?? [];
  const number = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return minus === '-' ? -number : number;
}
