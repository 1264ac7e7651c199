/** A program inside the lab did not do what everything else relies on. */
export class LabFailure extends Error {
  override readonly name = 'LabFailure';
}
