import type { Check } from '../check.js';
import { harmless } from '../../diagnostic/quote.js';

export const description: Check = {
  name: 'description',
  about: 'the description says what runs',
  async examine({ description: find, duties }) {
    if (!(await duties())) return undefined;
    const file = await find();
    if (!file) return undefined;
    const subject = harmless(file.name);
    if (file.problem === undefined) return [];
    if (file.problem === 'differs') {
      const help = 'lvsctl plan shows the difference';
      return [{ code: 'description-differs', subject, what: 'it does not say what runs', help }];
    }
    return [{ code: 'description-unusable', subject, what: file.problem, help: 'lvsctl validate says why' }];
  },
};
