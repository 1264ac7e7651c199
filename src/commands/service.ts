import { findService } from '../cluster/find.js';
import { isName, serviceKey } from '../cluster/naming.js';
import { readSetting, SETTABLE } from '../config/edit/setting.js';
import { keysSet, serviceAdded, serviceRemoved, type Setting } from '../config/edit/wish.js';
import { didYouMean, quote } from '../diagnostic/quote.js';
import type { Context, Options, Run } from './context.js';
import { knownPorts } from './description.js';
import { change, type Make } from './edit/change.js';
import { newVirtual, weightedServer } from './edit/words.js';
import { EXIT, Failure } from './exit.js';
import { found } from './found.js';

export const run: Run = async (context, [action = '', name = '', ...words], options) => {
  for (const [flag, where] of [
    ['scheduler', 'service set SERVICE scheduler=NAME'],
    ['server', 'server add'],
  ] as const) {
    if (action === 'add' || options[flag] === undefined) continue;
    throw new Failure(EXIT.usage, `--${flag} is for service add`, `use ${where}`);
  }
  const make = await makerOf(context, action, name, words, options);
  const by = ['service', action, name, ...words].join(' ');
  return await change(context, options, by, make);
};

async function makerOf(
  context: Context,
  action: string,
  name: string,
  words: readonly string[],
  options: Options,
): Promise<Make> {
  if (action === 'add') return await adding(context, name, words, options);
  if (action === 'set') return setting(name, words);
  if (words.length > 0)
    throw new Failure(EXIT.usage, `service remove takes one service, not ${quote(words[0])}`);
  return described => serviceRemoved(described, found(findService(described.cluster, name)));
}

async function adding(
  context: Context,
  name: string,
  [where, ...more]: readonly string[],
  options: Options,
): Promise<Make> {
  const form = 'service add NAME ADDRESS:PORT[/PROTOCOL] [--scheduler NAME] [--server SERVER]…';
  if (where === undefined || more.length > 0) throw new Failure(EXIT.usage, `it is ${form}`);
  const virtual = newVirtual(where, await knownPorts(context));
  if (!isName(name) && name !== serviceKey(virtual)) {
    const help = `write letters, digits, _ . -, or ${serviceKey(virtual)}`;
    throw new Failure(EXIT.usage, `${quote(name)} cannot be the name of a service`, help);
  }
  const scheduler = options['scheduler'];
  const servers = (options['server'] ?? []) as readonly string[];
  return described =>
    serviceAdded(described, {
      name,
      virtual,
      ...(typeof scheduler === 'string' ? { scheduler } : {}),
      servers: servers.map(one => weightedServer(one, described.cluster)),
    });
}

function setting(name: string, words: readonly string[]): Make {
  const settings = words.map(settingOf);
  if (settings.length === 0) throw new Failure(EXIT.usage, 'service set takes at least one KEY=VALUE');
  return described => {
    return keysSet(described, found(findService(described.cluster, name)), settings);
  };
}

/** @throws Failure */
function settingOf(word: string): Setting {
  const at = word.indexOf('=');
  if (at === -1) {
    throw new Failure(EXIT.usage, `${quote(word)} is no KEY=VALUE`, `KEY= takes the key out of the service`);
  }
  const key = word.slice(0, at);
  if (!SETTABLE.includes(key)) {
    const similar = didYouMean(key, SETTABLE);
    const help =
      key === 'servers'
        ? 'use server add and server remove'
        : similar === undefined
          ? `there are ${SETTABLE.join(', ')}`
          : `did you mean ${similar}?`;
    throw new Failure(EXIT.usage, `${quote(key)} is no key of a service that can be set`, help);
  }
  const text = word.slice(at + 1).trim();
  const read = text === '' ? { value: undefined } : readSetting(text);
  if (read) return { keys: key.split('.'), value: read.value };
  const help = 'on one line, a list or map in brackets; a text with : or # in it goes into quotes of its own';
  throw new Failure(EXIT.usage, `${quote(text)} is no value in YAML`, help);
}
