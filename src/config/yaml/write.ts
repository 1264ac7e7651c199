import { Document, isMap, isSeq, type Node, visit } from 'yaml';
import type { Cluster } from '../../cluster/cluster.js';
import { plainCluster } from './plain.js';

/** Lines may be this long before a map or list is broken into several. */
const WIDTH = 110;

/**
 * A cluster as YAML that reads back as the same cluster. What is default is left out; servers, directors and checks
 * stand on one line each, as people write them.
 */
export function writeYaml(cluster: Cluster, heading?: string): string {
  const document = new Document(plainCluster(cluster));
  visit(document, {
    Map: (_key, node, path) => void (node.flow = path.length > 2 && isLeafy(node) && !isService(path)),
    Seq: (_key, node) => void (node.flow = node.items.length <= 4 && node.items.every(item => !isMap(item))),
  });
  if (heading) document.commentBefore = ` ${heading}`;
  return document.toString({ lineWidth: WIDTH, flowCollectionPadding: true, collectionStyle: 'any' });
}

/** Whether a map is short enough for one line. */
function isLeafy(node: Node): boolean {
  return JSON.stringify(node).length < WIDTH;
}

/** Services themselves stand one key a line, however short they are. */
function isService(path: readonly unknown[]): boolean {
  const list = path.at(-1);
  const pair = path.at(-2) as { key?: { value?: unknown } } | undefined;
  return isSeq(list) && pair?.key?.value === 'services';
}
