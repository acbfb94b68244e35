package late_test

import (
	"context"

	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/late"
)

func estimate(t rapid.TB, f *data.Frame, spec late.Spec) *late.Result {
	t.Helper()
	res, err := late.Estimate(context.Background(), f, spec)
	if err != nil {
		t.Fatalf("Estimate(%+v): %v", spec, err)
	}
	return res
}
