import test from 'ava';
import { checkedDescription, CheckedDirector } from '../support/checked.js';

const WEB = '192.0.2.100:80';

test('a drain is a track file and a weight of 0; both go with it', async t => {
  const director = new CheckedDirector(t);
  await director.begin(checkedDescription());
  t.is(director.weights(WEB), '11:3 12:1');
  t.is(await director.track('web_192.0.2.11'), '0');
  const { exitCode, err } = await director.host.run('drain', 'web', 'web1');
  t.is(exitCode, 0, err);
  t.is(director.weights(WEB), '11:0 12:1');
  t.is(await director.track('web_192.0.2.11'), '-65535');
  await director.keepalived.settle();
  t.is(director.weights(WEB), '11:0 12:1');
  t.is(await director.act('undrain', 'web', 'web1'), 0);
  t.is(await director.act('weight', 'web', 'web2', '7'), 0);
  t.is(director.weights(WEB), '11:3 12:7');
  t.is(await director.track('web_192.0.2.12'), '6');
  await director.keepalived.settle();
  t.is(director.weights(WEB), '11:3 12:7');
});
