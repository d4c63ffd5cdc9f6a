import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/**
 * Protocol-buffer messages described as tables of fields. A table reads and writes a plain object of the same keys;
 * fields that a table does not name are kept as they came and written back at the end.
 */

/** Deepest nesting that is followed: graphs of real networks need about ten levels, a crafted file could ask for any number. */
const DEEPEST = 64

export interface Field<Value> {
	number: number
	/** What stands in the object when the message does not carry the field. */
	absent(): Value
	read(reader: BinaryReader, type: WireType, soFar: Value, depth: number): Value
	write(writer: BinaryWriter, value: Value): void
}

/** A message as an object: the fields that its table names, and the others as raw bytes, tag included. */
export interface Message {
	unknown: Uint8Array[]
}

export interface MessageTable<Value extends Message> {
	fields: { [Key in Exclude<keyof Value, 'unknown'>]: Field<Value[Key]> }
}

function namedFields<Value extends Message>(table: MessageTable<Value>): [keyof Value, Field<unknown>][] {
	return Object.entries(table.fields) as [keyof Value, Field<unknown>][]
}

/** An object with nothing in it, to be filled in by the caller. */
export function emptyMessage<Value extends Message>(table: MessageTable<Value>): Value {
	const message: Record<PropertyKey, unknown> = { unknown: [] }
	for (const [key, field] of namedFields(table)) message[key] = field.absent()
	return message as unknown as Value
}

/** @throws Error when the bytes are not a message of the wire format. */
export function readMessage<Value extends Message>(bytes: Uint8Array, table: MessageTable<Value>, depth = 0): Value {
	if (depth > DEEPEST) throw new Error('The file nests its messages too deeply.')
	const byNumber = new Map(namedFields(table).map(([key, field]) => [field.number, [key, field] as const]))
	const message = emptyMessage(table)
	const values = message as Record<PropertyKey, unknown>
	const reader = new BinaryReader(bytes)
	while (reader.pos < reader.len) {
		const start = reader.pos
		const [number, type] = reader.tag()
		const known = byNumber.get(number)
		if (known) {
			const [key, field] = known
			values[key] = field.read(reader, type, values[key], depth)
		} else {
			reader.skip(type, number)
			message.unknown.push(bytes.subarray(start, reader.pos))
		}
	}
	return message
}

function writeFields<Value extends Message>(writer: BinaryWriter, message: Value, table: MessageTable<Value>): void {
	for (const [key, field] of namedFields(table)) field.write(writer, message[key])
	for (const chunk of message.unknown) writer.raw(chunk)
}

export function writeMessage<Value extends Message>(message: Value, table: MessageTable<Value>): Uint8Array<ArrayBuffer> {
	const writer = new BinaryWriter()
	writeFields(writer, message, table)
	return writer.finish()
}

interface Scalar<Value> {
	type: WireType
	read(reader: BinaryReader): Value
	write(writer: BinaryWriter, value: Value): void
}

const VARINT = 0 as WireType
const BIT64 = 1 as WireType
const BYTES = 2 as WireType
const BIT32 = 5 as WireType

const int64Scalar: Scalar<bigint> = { type: VARINT, read: (reader) => BigInt(reader.int64()), write: (writer, value) => void writer.int64(value) }
const uint64Scalar: Scalar<bigint> = { type: VARINT, read: (reader) => BigInt(reader.uint64()), write: (writer, value) => void writer.uint64(value) }
const int32Scalar: Scalar<number> = { type: VARINT, read: (reader) => reader.int32(), write: (writer, value) => void writer.int32(value) }
const floatScalar: Scalar<number> = { type: BIT32, read: (reader) => reader.float(), write: (writer, value) => void writer.float(value) }
const doubleScalar: Scalar<number> = { type: BIT64, read: (reader) => reader.double(), write: (writer, value) => void writer.double(value) }
const stringScalar: Scalar<string> = { type: BYTES, read: (reader) => reader.string(), write: (writer, value) => void writer.string(value) }
const bytesScalar: Scalar<Uint8Array> = { type: BYTES, read: (reader) => reader.bytes(), write: (writer, value) => void writer.bytes(value) }

function expectType(number: number, found: WireType, wanted: WireType): void {
	if (found !== wanted) throw new Error(`Field ${number} of the file has wire type ${found} instead of ${wanted}.`)
}

function single<Value>(number: number, scalar: Scalar<Value>): Field<Value | undefined> {
	return {
		number,
		absent: () => undefined,
		read(reader, type) {
			expectType(number, type, scalar.type)
			return scalar.read(reader)
		},
		write(writer, value) {
			if (value === undefined) return
			writer.tag(number, scalar.type)
			scalar.write(writer, value)
		},
	}
}

/** Numbers are read packed or one by one and written packed; texts and bytes cannot be packed. */
function repeated<Value>(number: number, scalar: Scalar<Value>): Field<Value[]> {
	const packable = scalar.type !== BYTES
	return {
		number,
		absent: () => [],
		read(reader, type, soFar) {
			if (packable && type === BYTES) {
				const packed = new BinaryReader(reader.bytes())
				while (packed.pos < packed.len) soFar.push(scalar.read(packed))
				return soFar
			}
			expectType(number, type, scalar.type)
			soFar.push(scalar.read(reader))
			return soFar
		},
		write(writer, values) {
			if (values.length === 0) return
			if (!packable) {
				for (const value of values) {
					writer.tag(number, scalar.type)
					scalar.write(writer, value)
				}
				return
			}
			writer.tag(number, BYTES).fork()
			for (const value of values) scalar.write(writer, value)
			writer.join()
		},
	}
}

export const int64 = (number: number) => single(number, int64Scalar)
export const int32 = (number: number) => single(number, int32Scalar)
export const float = (number: number) => single(number, floatScalar)
export const string = (number: number) => single(number, stringScalar)
export const bytes = (number: number) => single(number, bytesScalar)
export const int64s = (number: number) => repeated(number, int64Scalar)
export const uint64s = (number: number) => repeated(number, uint64Scalar)
export const int32s = (number: number) => repeated(number, int32Scalar)
export const floats = (number: number) => repeated(number, floatScalar)
export const doubles = (number: number) => repeated(number, doubleScalar)
export const strings = (number: number) => repeated(number, stringScalar)
export const byteStrings = (number: number) => repeated(number, bytesScalar)

/** Messages refer to each other in circles (an attribute holds a graph), hence the tables come by function. */
function nested<Value extends Message>(number: number, table: () => MessageTable<Value>): Scalar<Value> & { readAt(reader: BinaryReader, depth: number): Value } {
	return {
		type: BYTES,
		read: (reader) => readMessage(reader.bytes(), table()),
		readAt: (reader, depth) => readMessage(reader.bytes(), table(), depth + 1),
		write(writer, value) {
			writer.tag(number, BYTES).fork()
			writeFields(writer, value, table())
			writer.join()
		},
	}
}

export function optionalMessage<Value extends Message>(number: number, table: () => MessageTable<Value>): Field<Value | undefined> {
	const scalar = nested(number, table)
	return {
		number,
		absent: () => undefined,
		read(reader, type, _soFar, depth) {
			expectType(number, type, BYTES)
			return scalar.readAt(reader, depth)
		},
		write(writer, value) {
			if (value !== undefined) scalar.write(writer, value)
		},
	}
}

export function repeatedMessage<Value extends Message>(number: number, table: () => MessageTable<Value>): Field<Value[]> {
	const scalar = nested(number, table)
	return {
		number,
		absent: () => [],
		read(reader, type, soFar, depth) {
			expectType(number, type, BYTES)
			soFar.push(scalar.readAt(reader, depth))
			return soFar
		},
		write(writer, values) {
			for (const value of values) scalar.write(writer, value)
		},
	}
}
