/** The same object but for some methods; the others run on the object itself, private members and all. */
export const overriding = <T extends object>(target: T, methods: Partial<T>): T =>
  new Proxy(target, {
    get(object, name) {
      if (name in methods) return Reflect.get(methods, name);
      const value: unknown = Reflect.get(object, name);
      return typeof value === 'function' ? value.bind(object) : value;
    },
  });
