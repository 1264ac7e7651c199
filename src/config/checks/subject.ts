import type { Cluster } from '../../cluster/cluster.js';
import type { Server, Service } from '../../cluster/service.js';
import type { Code } from '../../diagnostic/codes.js';
import type { Path } from '../located.js';
import type { Remark, Report } from '../report.js';

/** A cluster under examination: what the checks ask, and where they say what they found. */
export class Subject {
  constructor(
    readonly cluster: Cluster,
    private readonly report: Report,
    private readonly places: WeakMap<object, Path>,
  ) {}

  get classic(): boolean {
    return this.report.located.form === 'classic';
  }

  /** Advice that only the YAML form can follow. */
  inYaml(help: string): string {
    return this.classic ? `${help}; YAML has that: lvsctl import lvs.conf FILE` : help;
  }

  add(code: Code, path: Path, remark: Remark): void {
    this.report.add(code, path, remark);
  }

  /** Where a part of the model stands, or one of its values; for a service's value also in `defaults`. */
  at(part: object, ...rest: Path): Path {
    const path = this.places.get(part) ?? [];
    const own = [...path, ...rest];
    if (rest.length === 0 || path[0] !== 'services' || path.length !== 2) return own;
    const general = ['defaults', ...rest];
    return !this.declared(own) && this.declared(general) ? general : own;
  }

  declared(path: Path): boolean {
    return this.report.located.declared(path);
  }

  /** Whether these keys of a service could all be read, its own as well as the general ones. */
  sound(service: Service, ...keys: string[]): boolean {
    const path = this.at(service);
    return keys.every(key => !this.spoilt([...path, key]) && !this.spoilt(['defaults', key]));
  }

  soundServer(server: Server, ...keys: string[]): boolean {
    const path = this.at(server);
    return keys.every(key =>
      key === 'forwarding' ? this.report.knowsForwarding(path) : !this.spoilt([...path, key]),
    );
  }

  /** Whether nothing below this key was refused. */
  whole(...path: Path): boolean {
    return !this.report.hasSpoilt(path);
  }

  private spoilt(path: Path): boolean {
    return this.report.isSpoilt(path);
  }
}
