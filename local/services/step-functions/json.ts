/** Any JSON value. State data is never changed in place, so that branches may share it. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

export type JsonObject = { [key: string]: Json };

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const parseJson = (text: string): Json => JSON.parse(text);

/** The value as it would arrive over the wire; what JSON cannot say becomes null. */
export const toJson = (value: unknown): Json => parseJson(JSON.stringify(value) ?? 'null');
