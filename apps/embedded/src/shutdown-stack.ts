interface Layer {
  readonly stop: () => void | Promise<void>;
  readonly kill: () => void;
}

/** What has been started, in order; it is ended in the reverse one. */
export class ShutdownStack {
  readonly #layers: Layer[] = [];

  /** @param kill ends it at once and cannot wait; by default what `stop` does until it would wait */
  push(stop: () => void | Promise<void>, kill: () => void = () => void stop()): void {
    this.#layers.push({ stop, kill });
  }

  /** Stops one after the other; a layer that fails to stop does not keep the others from it. */
  async stop(onError: (error: unknown) => void): Promise<void> {
    for (let layer = this.#layers.at(-1); layer !== undefined; layer = this.#layers.at(-1)) {
      try {
        await layer.stop();
      } catch (error) {
        onError(error);
      }
      const index = this.#layers.indexOf(layer);
      if (index >= 0) this.#layers.splice(index, 1); // unless it was killed meanwhile
    }
  }

  kill(): void {
    for (const { kill } of this.#layers.splice(0).reverse()) kill();
  }
}
