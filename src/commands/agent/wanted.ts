import { canonicalAddress } from '../../cluster/address.js';
import { agentPort, askers } from '../../cluster/agents.js';
import { DEFAULT_POLLING } from '../../cluster/defaults.js';
import { machineOf } from '../../cluster/machines.js';
import { quote } from '../../diagnostic/quote.js';
import { type AgentSettings, parseAgentSettings } from '../../realserver/agent/settings.js';
import { PLACES } from '../../render/places.js';
import type { Place } from '../../system/ports.js';
import { splitEndpoint } from '../../table/parse/output.js';
import type { Context, Options } from '../context.js';
import { EXIT, Failure, fileFailure } from '../exit.js';

export interface WantedAgent {
  readonly places: readonly Place[];
  /** Who may ask besides this host; undefined for everyone. */
  readonly allow: ReadonlySet<string> | undefined;
}

/** By the command line, else by the description, else by the settings that `configure` has rendered. @throws Failure */
export async function wantedAgent(context: Context, options: Options): Promise<WantedAgent> {
  const given = options['allow'] as readonly string[] | undefined;
  const allowed = given?.map(canonicalAsker);
  const listen = options['listen'] as string | undefined;
  const place = listen === undefined ? undefined : placeOf(listen);
  const settings = allowed && place ? undefined : await settingsOf(context, options);
  const ports = settings?.ports.length ? settings.ports : [DEFAULT_POLLING.port];
  const allow = allowed ?? settings?.allow ?? [];
  return {
    places: place ? [place] : ports.map(port => ({ port })),
    allow: allow.length > 0 ? new Set(allow) : undefined,
  };
}

async function settingsOf(context: Context, options: Options): Promise<AgentSettings | undefined> {
  if (options['file'] !== undefined) return await described(context, options);
  // Without YAML and its schema the agent takes a third less memory.
  const rendered = await renderedSettings(context);
  if (rendered) return rendered;
  const { foundFile } = await import('../description.js');
  return (await foundFile(context)) === undefined ? undefined : await described(context, options);
}

async function described(context: Context, options: Options): Promise<AgentSettings> {
  const { clusterOf } = await import('../description.js');
  const { cluster } = await clusterOf(context, options);
  const { net } = context.ports;
  const host = machineOf(cluster, net.hostName(), net.addresses())?.host;
  const port = agentPort(cluster, host);
  return { ports: port === undefined ? [] : [port], allow: askers(cluster) };
}

async function renderedSettings({ ports: { files } }: Context): Promise<AgentSettings | undefined> {
  const path = PLACES.agentSettings;
  if (!(await files.look(path))) return undefined;
  try {
    return parseAgentSettings(new TextDecoder().decode(await files.read(path)));
  } catch (error) {
    throw fileFailure(`${path} cannot be read`, error);
  }
}

function canonicalAsker(text: string): string {
  const address = canonicalAddress(text);
  if (address !== undefined) return address;
  throw new Failure(
    EXIT.usage,
    `nobody has the address ${quote(text)}`,
    '--allow takes IPv4 and IPv6 addresses, without a prefix length',
  );
}

/** `ADDRESS:PORT`, `[ADDRESS]:PORT`, `*:PORT` */
function placeOf(text: string): Place {
  const [, all, port] = /^(\*):(\d{1,5})$/.exec(text) ?? [];
  const found = all ? { address: undefined, port: Number(port) } : splitListening(text);
  if (found && found.port >= 1 && found.port <= 65_535)
    return found.address === undefined ? { port: found.port } : { address: found.address, port: found.port };
  throw new Failure(
    EXIT.usage,
    `nothing can listen on ${quote(text)}`,
    'write ADDRESS:PORT, [IPV6]:PORT, or *:PORT for all addresses',
  );
}

function splitListening(text: string): { address: string; port: number } | undefined {
  const found = /^(\[[^\]]+\]|[^:]+):\d{1,5}$/.test(text) ? splitEndpoint(text) : undefined;
  const address = found && canonicalAddress(found.address);
  return found && address !== undefined ? { address, port: found.port } : undefined;
}
