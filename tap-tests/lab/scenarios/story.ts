import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { serve } from '../../../src/lab/acts.js';
import { tellStory } from '../../../src/lab/story/story.js';
import { PROJECT, type Scenario, withCluster } from '../harness.js';

const EXAMPLE = readFileSync(`${PROJECT}/lvs.conf.example`, 'utf8')
  .replace(/^(checker +)mon/m, '$1keepalived')
  .replace(/^(failover +)heartbeat/m, '$1vrrp');
const DROP_IN = '/etc/systemd/system/keepalived.service.d/lvsctl.conf';

/** The demo: all that it tells comes to pass. */
export const story: Scenario = {
  name: 'story',
  descriptions: [EXAMPLE],
  async run(check) {
    await withCluster(EXAMPLE, async lab => {
      await check('the demo comes out as it is told', async () => {
        const broken = await tellStory(
          lab,
          {
            async realServer(host) {
              await host.sh('/usr/local/sbin/realserver.lvs.dr start');
              const own = host.plan.links[0]!.addresses[0]!.split('/')[0]!;
              const ends = lab.cluster.services.flatMap(({ virtual }) =>
                virtual.kind === 'address'
                  ? [virtual.address, own].map(one => `${virtual.protocol}:${one}:${virtual.port}`)
                  : [],
              );
              await serve(host, ...new Set(ends));
            },
            async director(director) {
              await director.sh('/etc/init.d/director.lvs.dr start');
              const command = await director.sh(
                `sed -n 's/^ExecStart=\\(.*\\) .DAEMON_ARGS/\\1/p' ${DROP_IN}`,
              );
              await director.daemon('keepalived', `${command} --log-console --log-detail`);
            },
          },
          {
            chapter: title => console.log(`# == ${title}`),
            say: text => console.log(text.replaceAll(/^/gm, '# ')),
            shell: (host, command, output) =>
              console.log(`${host}# ${command}\n${output}`.replaceAll(/^/gm, '#   ')),
          },
        );
        assert.equal(broken, 0);
      });
    });
  },
};
