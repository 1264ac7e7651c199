import { marksThere } from '../../director/host/marks.js';
import type { Check } from '../check.js';
import { directorStart } from './start.js';

export const marks: Check = {
  name: 'marks',
  about: 'the packet filter gives the marks by which services are known',
  async examine(patient) {
    if ((await patient.duties())?.marks === undefined) return undefined;
    if (await marksThere(patient.ports.runner)) return [];
    const what = 'the table inet lvsctl_marks of nft is not there';
    return [{ code: 'no-marks', subject: 'firewall marks', what, mend: [await directorStart(patient)] }];
  },
};
