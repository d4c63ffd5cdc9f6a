import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseManifest } from '../../../src/main/models/pack.ts'
import { createRegistry, type Registry } from '../../../src/main/models/registry.ts'
import { packManifest, temporaryFolder } from '../../support/inferenceFixtures.ts'
import { writeDarknessLungPack } from '../../support/lungPack.ts'

const region = { of: 'lungs', margin: 0.1 }
let root = temporaryFolder()
let registry: Registry

beforeEach(() => {
	root = temporaryFolder()
	mkdirSync(join(root.path, 'built-in'))
	registry = createRegistry({ builtIn: join(root.path, 'built-in'), user: join(root.path, 'user'), selected: () => ({ students: {}, teacher: null }) })
})
afterEach(() => root.remove())

function look() {
	const list = registry.list()
	return { list, lungs: registry.lungs() }
}

function faultOf(): string {
	const { lungs } = look()
	return 'fault' in lungs ? lungs.fault : 'none'
}

const withInput = (input: object, change: object = {}) => JSON.stringify({ ...packManifest, ...change, input: { ...packManifest.input, ...input } })

describe('the pack of the lung network', () => {
	it('is found, and is no classifier', () => {
		expect(look()).toEqual({ list: [], lungs: { fault: 'No lung network is installed.' } })
		const { directory, manifest } = writeDarknessLungPack(join(root.path, 'built-in'))
		expect(look()).toEqual({ list: [], lungs: { directory, manifest, card: '' } })
	})
	it('may not be used where it is damaged, and why is said', () => {
		const { directory } = writeDarknessLungPack(join(root.path, 'built-in'))
		const file = join(directory, 'lungs.json')
		const good = readFileSync(file, 'utf8')
		writeFileSync(file, '{')
		expect(faultOf()).toBe('The lung network in lungs cannot be used: lungs.json is not JSON.')
		writeFileSync(file, JSON.stringify({ ...JSON.parse(good), output: { name: 'logits', threshold: 1 } }))
		expect(faultOf()).toMatch(/^The lung network in lungs cannot be used: lungs\.json is not valid at "output\.threshold"/)
		writeFileSync(file, good)
		writeFileSync(join(directory, 'model.onnx'), 'another graph')
		expect(faultOf()).toBe('The lung network in lungs cannot be used: The SHA-256 of model.onnx is not the one in lungs.json: the network is damaged or was exchanged.')
	})
})

describe('a pack that sees the lungs alone', () => {
	it('is of grey chest films', () => {
		expect(parseManifest(withInput({ region, tones: 'equalised' })).input).toMatchObject({ region, tones: 'equalised' })
		expect(() => parseManifest(withInput({ region }, { domain: 'histology' }))).toThrow('wants the region of the lungs, but not of chest films')
		expect(() => parseManifest(withInput({ region, colour: 'rgb' }))).toThrow('wants the region of the lungs, but colour images')
		expect(() => parseManifest(withInput({ tones: 'equalised', colour: 'rgb' }))).toThrow('wants the grey values equalised, but of colour images')
		expect(() => parseManifest(withInput({ region: { ...region, margin: -1 } }))).toThrow('input.region.margin')
	})
})
