export async function demo(_c: object): Promise<void> {}
