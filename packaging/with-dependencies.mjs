// node packaging/with-dependencies.mjs STEP... -- COMMAND [ARGUMENT...]
//
// Brings in what a fresh clone lacks, step by step, then runs the command. Says nothing where nothing is to be done.
// Only what Node 12 understands may stand in this file: an older Node must reach the sentence below.

const needed = [20, 19];
const [major, minor] = process.versions.node.split('.').map(Number);
const tooOld = major < needed[0] || (major === needed[0] && minor < needed[1]);

if (tooOld) {
  console.error(
    `lvsctl needs Node ${needed.join('.')} or newer; this is ${process.version} (${process.execPath}).`,
  );
  process.exitCode = 69;
} else {
  import('./steps.mjs').then(steps => steps.main(process.argv.slice(2)));
}
