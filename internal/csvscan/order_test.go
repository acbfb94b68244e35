package csvscan

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// The order of a cell is what two clocks that are asked find.
func TestOrderMatchesBothClocks(t *testing.T) {
	iso := []string{"2006-01-02", "2006/01/02 15:04"}
	day := NewClock(append([]string{"2/1/2006", "2/1/2006 15:04", "02/01/2006 15:04"}, iso...), nil)
	month := NewClock(append([]string{"1/2/2006", "1/2/2006 15:04", "01/02/2006 15:04"}, iso...), nil)
	finder := NewOrderClock(day, month)
	r := rand.New(rand.NewPCG(3, 4))
	seen := make(map[string]int)
	for range 50_000 {
		layout := []string{"%02d/%02d/%d 08:15", "%d/%d/%d 8:15", "%d/%d/%d"}[r.IntN(3)]
		cell := fmt.Sprintf(layout, r.IntN(33), r.IntN(33), 2023+r.IntN(2))
		if r.IntN(10) == 0 {
			cell = fmt.Sprintf("%d-%02d-%02d", 2023+r.IntN(2), r.IntN(14), r.IntN(33))
		}
		_, _, asDay := day.Parse([]byte(cell))
		_, _, asMonth := month.Parse([]byte(cell))
		found, _, ok := finder.Parse([]byte(cell))
		want := EitherOrder
		switch {
		case asDay && !asMonth:
			want = DayFirst
		case asMonth && !asDay:
			want = MonthFirst
		}
		if ok != (asDay || asMonth) || ok && Order(found) != want {
			t.Fatalf("%s: %d, %v; read by day %v, by month %v", cell, found, ok, asDay, asMonth)
		}
		seen[fmt.Sprint(ok, want)]++
	}
	if len(seen) != 4 {
		t.Errorf("cases %v, want four", seen)
	}
}
