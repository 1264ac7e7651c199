import type { Cluster, Director } from '../cluster/cluster.js';

/** One director of a cluster. */
export interface DirectorPart {
  readonly cluster: Cluster;
  /** Undefined where the description names no director. */
  readonly director: Director | undefined;
  /** It is a real server as well. */
  readonly serves: boolean;
}

/** What the files of one director are made from. */
export interface DirectorInput extends DirectorPart {
  /** For a tree to be copied, also to hosts without lvsctl, in contrast to this very host. */
  readonly tree: boolean;
  /** Whether only our part goes into the file at this path, which belongs to someone else. */
  readonly fragment: (path: string) => boolean;
  /** Heartbeat's shared secret; undefined where none is needed or a dry run may not make one. */
  readonly failoverKey: string | undefined;
}

/** A file, or part of one, that a template makes. */
export interface FileOutput {
  /** `block`: a marked part of a file that otherwise belongs to someone else. */
  readonly kind: 'file' | 'block';
  readonly path: string;
  readonly mode: number;
  readonly template: string;
  /** Plain data: null for what is not there, never undefined. Of what grows with the cluster made when it is asked for. */
  readonly view: object;
  readonly secret?: true;
}

/** What one file on a host is made of, before it is. Paths are absolute paths on that host. */
export type Output =
  | FileOutput
  /** A program that is the same for every cluster, copied with its line of origin. */
  | { readonly kind: 'program'; readonly path: string; readonly mode: number; readonly source: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  /** The failover key: no line of origin, and an existing one stays. */
  | { readonly kind: 'key'; readonly path: string; readonly content: string | undefined };

/** A file as it is to be on a host. */
export type Artifact =
  | {
      readonly kind: 'file' | 'block';
      readonly path: string;
      readonly mode: number;
      readonly content: string;
      readonly secret: boolean;
    }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'key'; readonly path: string; readonly content: string | undefined };

export type DirectorTarget = (input: DirectorInput) => readonly Output[];
export type RealServerTarget = (cluster: Cluster) => readonly Output[];

/** Programs are executable, settings readable, secrets root's. */
export const PROGRAM = 0o755;
export const SETTINGS = 0o644;
export const SECRET = 0o600;
