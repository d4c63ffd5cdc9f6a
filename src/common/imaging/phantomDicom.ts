import { dataSetBytes, dicomFile, type DicomElement } from './dicomWriter.ts'
import { PHANTOM, phantomPixels } from './phantom.ts'

/** Digital X-Ray Image Storage - For Presentation. */
const SOP_CLASS = '1.2.840.10008.5.1.4.1.1.1.1'
/** Fixed, so that importing the phantom twice adds nothing. */
const UID_ROOT = '2.25.161803398874989484820458683436563811'
export const PHANTOM_SPACING = 0.34

function text(tag: number, vr: string, value: string): DicomElement {
	return { tag, vr, value }
}

function short(tag: number, value: number): DicomElement {
	return { tag, vr: 'US', value: [value] }
}

/** Header elements of the phantom's file without its pixel data. */
export function phantomElements(): DicomElement[] {
	return [
		text(0x00080005, 'CS', 'ISO_IR 100'),
		text(0x00080008, 'CS', 'DERIVED\\PRIMARY'),
		text(0x00080016, 'UI', SOP_CLASS),
		text(0x00080018, 'UI', `${UID_ROOT}.3`),
		text(0x00080020, 'DA', '20260102'),
		text(0x00080030, 'TM', '093000'),
		text(0x00080050, 'SH', 'PHANTOM-1'),
		text(0x00080060, 'CS', 'DX'),
		text(0x00080068, 'CS', 'FOR PRESENTATION'),
		text(0x00080070, 'LO', 'Negatoscope'),
		text(0x00080090, 'PN', ''),
		text(0x00081030, 'LO', 'Synthetic chest film'),
		text(0x0008103e, 'LO', 'Chest PA'),
		text(0x00100010, 'PN', 'Phantom^Chest'),
		text(0x00100020, 'LO', 'PHANTOM'),
		text(0x00100030, 'DA', '19700101'),
		text(0x00100040, 'CS', 'O'),
		text(0x00180015, 'CS', 'CHEST'),
		text(0x00181164, 'DS', `${PHANTOM_SPACING}\\${PHANTOM_SPACING}`),
		text(0x00185101, 'CS', 'PA'),
		text(0x0020000d, 'UI', `${UID_ROOT}.1`),
		text(0x0020000e, 'UI', `${UID_ROOT}.2`),
		text(0x00200010, 'SH', '1'),
		text(0x00200011, 'IS', '1'),
		text(0x00200013, 'IS', '1'),
		text(0x00200020, 'CS', 'L\\F'),
		short(0x00280002, 1),
		text(0x00280004, 'CS', 'MONOCHROME2'),
		short(0x00280010, PHANTOM.rows),
		short(0x00280011, PHANTOM.columns),
		text(0x00280030, 'DS', `${PHANTOM_SPACING}\\${PHANTOM_SPACING}`),
		short(0x00280100, 16),
		short(0x00280101, PHANTOM.bitsStored),
		short(0x00280102, PHANTOM.bitsStored - 1),
		short(0x00280103, 0),
		text(0x00281050, 'DS', '2048\\2300'),
		text(0x00281051, 'DS', '4800\\2600'),
		text(0x00281052, 'DS', '0'),
		text(0x00281053, 'DS', '1'),
		text(0x00281054, 'LO', 'US'),
		text(0x00281055, 'LO', 'Whole film\\Lungs'),
	]
}

/** The synthetic chest film as a DICOM file (DX, explicit VR little endian): what `npm start -- --sample` imports. */
export function phantomDicomFile(): Uint8Array<ArrayBuffer> {
	const pixels = phantomPixels()
	const bytes = new Uint8Array(pixels.length * 2)
	const view = new DataView(bytes.buffer)
	for (const [index, value] of pixels.entries()) view.setUint16(index * 2, value, true)
	const dataSet = dataSetBytes([...phantomElements(), { tag: 0x7fe00010, vr: 'OW', value: bytes }])
	return dicomFile('1.2.840.10008.1.2.1', SOP_CLASS, `${UID_ROOT}.3`, dataSet)
}
