import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { inspectionSchema } from '../../../src/common/contract/hosts.ts'
import { inspectBytes } from '../../../src/hosts/imaging/decodeFrame.ts'
import { parseCsv } from '../../support/csv.ts'
import { sharedData } from '../../support/sharedData.ts'

const folder = join(sharedData ?? '', 'dicom')
const manifest = sharedData ? parseCsv(readFileSync(join(folder, 'manifest.csv'), 'utf8')) : []

/**
 * Lossless syntaxes must give the very values. Decoders of lossy ones may round differently, by 2 at most here; where this was
 * written the difference was 0 in every file, lossy ones included.
 */
const LOSSY = new Map([['1.2.840.10008.1.2.4.50', 2], ['1.2.840.10008.1.2.4.51', 2], ['1.2.840.10008.1.2.4.53', 2], ['1.2.840.10008.1.2.4.55', 2], ['1.2.840.10008.1.2.4.81', 2], ['1.2.840.10008.1.2.4.91', 2]])

async function inspect(file: string): Promise<ReturnType<typeof inspectBytes>> {
	return inspectionSchema.parse(await inspectBytes(readFileSync(join(folder, file))))
}

describe.skipIf(!sharedData)('real DICOM files', () => {
	it('of cr_dx and codec_matrix have the values of their manifest', async () => {
		const rows = manifest.filter(({ set }) => set === 'cr_dx' || set === 'codec_matrix')
		expect(rows.length).toBe(38)
		for (const row of rows) {
			const inspection = await inspect(row.file ?? '')
			if (!('facts' in inspection)) throw new Error(`${row.file}: ${JSON.stringify(inspection)}`)
			const { facts } = inspection
			expect(facts, row.file).toMatchObject({
				kind: 'dicom', transferSyntax: row.transfer_syntax_uid, photometric: row.photometric,
				rows: Number(row.rows), columns: Number(row.columns), samplesPerPixel: Number(row.samples), bitsStored: Number(row.bits_stored), frames: Number(row.frames || 1),
			})
			const tolerance = LOSSY.get(facts.transferSyntax ?? '') ?? 0
			expect(Math.abs(facts.min - Number(row.pixel_min)), `${row.file} smallest`).toBeLessThanOrEqual(tolerance)
			expect(Math.abs(facts.max - Number(row.pixel_max)), `${row.file} largest`).toBeLessThanOrEqual(tolerance)
		}
	})

	/** Refused by us though another reader makes pixels of them, with the reason why. */
	const REFUSED_ON_PURPOSE: Record<string, string> = {
		// Sixty-two bytes of the pixels are missing: filling them up would show what nobody took.
		'dicom-test-files__MR_truncated.dcm': 'cut off',
	}
	/** Files whose manifest says something else, and why. */
	const OTHERWISE: Record<string, [number, number]> = {
		// The manifest counts all eight frames, we the first.
		'dcmjs__invalid-vr-length-test.dcm': [0, 134],
		// 8-bit samples in big endian words: the reader of the manifest did not turn the pairs round and so counted the padding
		// byte (0) instead of a sample. Newer readers agree with us, see golden.test.ts.
		'pydicom__SC_rgb_small_odd_big_endian.dcm': [52, 176],
	}

	it('that are malformed open with the right values or are refused with a reason, soon', async () => {
		const files = readdirSync(join(folder, 'malformed_or_edge'))
		expect(files.length).toBe(50)
		for (const file of files) {
			const row = manifest.find((candidate) => candidate.file === `malformed_or_edge/${file}`)
			const started = process.cpuUsage()
			const inspection = await inspect(`malformed_or_edge/${file}`)
			expect(process.cpuUsage(started).user, file).toBeLessThan(5_000_000)
			if ('refused' in inspection) {
				expect(inspection.refused, file).toMatch(/^[A-Z].*\.$/)
				if (REFUSED_ON_PURPOSE[file]) expect(inspection.refused).toContain(REFUSED_ON_PURPOSE[file])
				else expect(row?.pixel_min, `${file}: ${inspection.refused}`).toBe('')
			} else if ('facts' in inspection && row?.pixel_min !== '') {
				expect([inspection.facts.min, inspection.facts.max], file).toEqual(OTHERWISE[file] ?? [Number(row?.pixel_min), Number(row?.pixel_max)])
			}
		}
	})

	it('keep names in the character set that they state', async () => {
		const inspection = await inspect('malformed_or_edge/fo-dicom__GH1301.dcm')
		expect(inspection).toMatchObject({ facts: { patient: { name: 'Wang^XiaoDong=王^小东=' } } })
	})

	it('without a spacing above zero have none', async () => {
		const { decodeFrameOf } = await import('../../../src/hosts/imaging/decodeFrame.ts')
		const zero = await decodeFrameOf(readFileSync(join(folder, 'cr_dx/dicom-test-files__RG1_J2KI.dcm')), '0'.repeat(64), 0)
		expect(zero.header.spacing).toBeNull()
		const stated = await decodeFrameOf(readFileSync(join(folder, 'cr_dx/dicom-test-files__RG2_UNC.dcm')), '0'.repeat(64), 0)
		expect(stated.header.spacing).toMatchObject({ row: 0.2, column: 0.2, source: 'PixelSpacing' })
	})

	it('are no bare code streams: those are refused by name', async () => {
		for (const file of readdirSync(join(folder, 'codestreams'))) {
			expect(await inspect(`codestreams/${file}`), file).toMatchObject({ refused: expect.stringMatching(/bare JPEG/) })
		}
	})
})
