import { canonicalAddress } from '../../cluster/address.js';

/** What the rendered settings of an agent say. */
export interface AgentSettings {
  readonly ports: readonly number[];
  /** Who may ask, canonical; none for everyone. */
  readonly allow: readonly string[];
}

/**
 * Lines `port PORT` and `allow ADDRESS`, as `configure` renders them. All else in the file is passed over, as
 * `realserver/uptimesrv` does; an `allow` that is no address lets nobody in, not everybody.
 */
export function parseAgentSettings(text: string): AgentSettings {
  const said = text.split('\n').map(line => line.trim().split(/[ \t]+/));
  const values = (key: string): string[] =>
    said.flatMap(([word, value = '']) => (word === key ? [value] : []));
  return {
    ports: values('port')
      .map(Number)
      .filter(port => Number.isInteger(port) && port > 0 && port < 65_536),
    allow: values('allow').map(value => canonicalAddress(value) ?? value),
  };
}
