import * as fc from 'fast-check';

/** The places on the list that were chosen, and the first of them that may still become smaller. */
interface Chosen {
  readonly places: readonly number[];
  readonly from: number;
}

/**
 * So many values of a list, the first ones being the simplest: what an array of them would be, with the same draws. Here it is
 * one arbitrary and not as many as there are values, whose bookkeeping would cost more than most laws do with them.
 */
export class Choices extends fc.Arbitrary<number[]> {
  private readonly list: readonly number[];
  private readonly size: number;
  private readonly place: fc.Arbitrary<number>;

  constructor(list: readonly number[], size: number) {
    super();
    this.list = list;
    this.size = size;
    this.place = fc.nat(list.length - 1);
  }

  override generate(random: fc.Random, bias: number | undefined): fc.Value<number[]> {
    random.nextInt(this.size, this.size);
    const places = new Array<number>(this.size);
    for (let i = 0; i < places.length; i++) places[i] = this.place.generate(random, bias).value;
    return this.value({ places, from: 0 });
  }

  override canShrinkWithoutContext(_value: unknown): _value is number[] {
    return false;
  }

  override shrink(_values: number[], context: unknown): fc.Stream<fc.Value<number[]>> {
    return fc.stream(this.simpler(context as Chosen));
  }

  /** All of them the simplest, or one of them simpler: the simplest, then by halves back to what it was. */
  private *simpler({ places, from }: Chosen): IterableIterator<fc.Value<number[]>> {
    if (from === 0 && places.some((k) => k > 0)) yield this.value({ places: places.map(() => 0), from: places.length });
    for (let i = from; i < places.length; i++) {
      for (let less = places[i]; less > 0; less = Math.floor(less / 2))
        yield this.value({ places: places.map((k, n) => (n === i ? k - less : k)), from: i });
    }
  }

  private value(chosen: Chosen): fc.Value<number[]> {
    return new fc.Value(
      chosen.places.map((k) => this.list[k]),
      chosen,
    );
  }
}
