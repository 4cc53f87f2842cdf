/** The part of fengari, a Lua machine in JavaScript, that the tests use. Stack indexes are 1 upwards, or -1 downwards from the top. */
declare module 'fengari' {
  type State = { readonly lua: unique symbol };
  export const lua: {
    lua_tojsstring(state: State, index: number): string;
    lua_getfield(state: State, index: number, name: Uint8Array): number;
  };
  export const lauxlib: {
    luaL_newstate(): State;
    /** 0 when it ran. */
    luaL_dostring(state: State, source: Uint8Array): number;
  };
  export const lualib: { luaL_openlibs(state: State): void };
  export function to_luastring(text: string): Uint8Array;
}
