package file_test

import (
	"bytes"
	"errors"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/mail"
	"github.com/holmhq/holm/internal/mail/file"
)

func message(to string) mail.Message {
	return mail.Message{To: to, From: "holm@example.org", Subject: "Hi " + to, Text: "Hello.\n", HTML: "<p>Hello.</p>"}
}

// still is a clock that does not move.
func still() time.Time { return time.Date(2030, 4, 5, 6, 7, 8, 0, time.UTC) }

func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, entry := range entries {
		all = append(all, entry.Name())
	}
	return all
}

func TestMailsAreFilesInOrder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "mails")
	sender, err := file.New(folder, still)
	if err != nil {
		t.Fatal(err)
	}
	recipients := []string{"bo@example.com", "ana@example.com", "a/b%x@example.com", "cy@example.com"}
	for _, to := range recipients {
		if err := sender.Send(t.Context(), message(to)); err != nil {
			t.Fatal(err)
		}
	}
	all := names(t, folder)
	if len(all) != len(recipients) {
		t.Fatalf("files %q", all)
	}
	for i, name := range all {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		back, err := netmail.ReadMessage(bytes.NewReader(text))
		if err != nil || back.Header.Get("Subject") != "Hi "+recipients[i] {
			t.Errorf("file %d, %s, is not the mail to %s (%v)", i, name, recipients[i], err)
		}
		if info, _ := os.Stat(filepath.Join(folder, name)); info.Mode().Perm() != 0o600 {
			t.Errorf("%s can be read by others: %v", name, info.Mode())
		}
	}
	if !strings.HasSuffix(all[0], "-bo@example.com.eml") || !strings.HasSuffix(all[2], "-a_b_x@example.com.eml") {
		t.Errorf("the names %q do not end in the address", all)
	}
}

func TestManyAtOnce(t *testing.T) {
	folder := t.TempDir()
	sender, err := file.New(folder, still)
	if err != nil {
		t.Fatal(err)
	}
	var senders sync.WaitGroup
	for range 20 {
		senders.Go(func() {
			if err := sender.Send(t.Context(), message("ana@example.com")); err != nil {
				t.Error(err)
			}
		})
	}
	senders.Wait()
	all := names(t, folder)
	if len(all) != 20 || slices.ContainsFunc(all, func(n string) bool { return !strings.HasSuffix(n, ".eml") }) {
		t.Errorf("20 mails are %d files: %q", len(all), all)
	}
}

func TestFaults(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "mails")
	sender, err := file.New(folder, still)
	if err != nil {
		t.Fatal(err)
	}
	if err := sender.Send(t.Context(), mail.Message{}); !errors.Is(err, mail.ErrRefused) {
		t.Errorf("an empty mail: %v", err)
	}
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	err = sender.Send(t.Context(), message("ana@example.com"))
	if holm.CodeOf(err) != holm.CodeUnavailable || errors.Is(err, mail.ErrRefused) {
		t.Errorf("a missing folder is worth another try, got %v", err)
	}
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := file.New(filepath.Join(blocked, "mails"), still); holm.CodeOf(err) != holm.CodeUnavailable {
		t.Errorf("a folder below a file: %v", err)
	}
}
