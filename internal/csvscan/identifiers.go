package csvscan

// plainDigits is how many digits a whole number may have for its plain form to be the only one among those that
// it stands for as a float64.
const plainDigits = 15

// asPlain reports whether a field is one of identifiers whose kind is to be inferred: numbers as long as each
// cell is a whole number in its plain form, so that they are apart as numbers if they are as texts.
func (p *parser) asPlain(f int) bool { return p.fields[f].Key && p.fields[f].Kind == Infer }

// identifiers reads whole numbers in their plain form: digits, without a zero before others, a sign or a
// point. It returns the first row whose cell needs a closer look, or to.
func (p *parser) identifiers(floats []float64, f int, data []byte, row, to int) int {
	emptyMissing := p.missing.empty
	at, stride := p.at, p.stride
	floats = floats[:to]
	for k := row*stride + f; row < len(floats); row, k = row+1, k+stride {
		start, end := int(at[k]+1), int(at[k+1])
		w, length := load(data, start), end-start
		first := w&0xFF - '0'
		if uint(length-1) < 8 && (first != 0 || length == 1) {
			if w = (w ^ zeros) << (uint(64-8*length) & 63); nonDigits(w) == 0 {
				floats[row] = float64(int64(eightDigits(w)))
				continue
			}
		}
		if start == end && emptyMissing {
			floats[row] = nan
			continue
		}
		v, ok := plainWhole(data[start:end])
		if !ok {
			return row
		}
		floats[row] = v
	}
	return row
}

// plainWhole reads a whole number in its plain form.
func plainWhole(cell []byte) (v float64, ok bool) {
	if len(cell) == 0 || len(cell) > plainDigits || cell[0] == '0' && len(cell) > 1 {
		return 0, false
	}
	whole, seen, _ := digitRun(cell, 0, 0)
	return float64(whole), seen == len(cell)
}
