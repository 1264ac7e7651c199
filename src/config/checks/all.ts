import { adviseOnService, adviseOnServices } from './advice.js';
import { checkDirectors } from './directors.js';
import { checkServers } from './servers.js';
import { checkService } from './service.js';
import type { Subject } from './subject.js';
import { checkContent, checkMachines, checkUniqueness } from './together.js';

/** Every check beyond the form of single values. Each reports what it finds; none stops another. */
export function checkCluster(subject: Subject): void {
  checkDirectors(subject);
  checkMachines(subject);
  checkUniqueness(subject);
  checkContent(subject);
  for (const service of subject.cluster.services) {
    checkService(service, subject);
    checkServers(service, subject);
    adviseOnService(service, subject);
  }
  adviseOnServices(subject);
}
