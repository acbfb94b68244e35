package panel

import (
	"cmp"
	"slices"
)

// set numbers distinct values in the order of their first appearance.
type set[T cmp.Ordered] struct {
	values []T
	codes  map[T]int32
	recent []int32 // by place, the code of the value that was last looked up there
}

// code is the number of a value, a new one if it was not seen before.
func (s *set[T]) code(v T) int32 {
	if c, ok := s.codes[v]; ok {
		return c
	}
	if s.codes == nil {
		s.codes = make(map[T]int32)
	}
	c := int32(len(s.values))
	s.codes[v] = c
	s.values = append(s.values, v)
	return c
}

// codeAt is code for a value that is looked up at a place, one of those that makePlaces made. If the
// last value there was the same, as it is where a chunk of events codes a column as the chunk
// before it did, no search is needed.
func (s *set[T]) codeAt(place int, v T) int32 {
	if c := int(s.recent[place]); c < len(s.values) && s.values[c] == v {
		return int32(c)
	}
	c := s.code(v)
	s.recent[place] = c
	return c
}

// makePlaces makes places 0 to n-1.
func (s *set[T]) makePlaces(n int) {
	if grow := n - len(s.recent); grow > 0 {
		s.recent = append(s.recent, make([]int32, grow)...)
	}
}

// absorb adds the values of another set and returns their codes here.
func (s *set[T]) absorb(o *set[T]) []int32 {
	codes := make([]int32, len(o.values))
	for i, v := range o.values {
		codes[i] = s.code(v)
	}
	return codes
}

// sorted lists the codes by ascending value.
func (s *set[T]) sorted() []int32 {
	order := make([]int32, len(s.values))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(s.values[a], s.values[b]) })
	return order
}
