package environment

import (
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// mountTransfer adds what offers the environment to another owner.
func mountTransfer(s *site.Site) {
	s.Handle("POST "+root+"/transfer", action(settings, func(r *site.Request, of ops.OfEnvironment) error {
		in := ops.TransferRequestInput{OfEnvironment: of}
		in.Body.Email = r.PostFormValue("email")
		t, err := site.Ask(r, ops.TransferRequest, in)
		if err == nil {
			told := "A mail with the offer is on its way to " + t.Email + "."
			if r.Site.Outbox {
				told = "Offered to " + t.Email + ". This installation sends no mails yet; its operator finds the mail with the link in the outbox."
			}
			r.Tell(topic, told)
		}
		return err
	}))
	s.Handle("POST "+root+"/transfer/cancel", action(settings, func(r *site.Request, of ops.OfEnvironment) error {
		_, err := site.Ask(r, ops.TransferCancel, ops.TransferCancelInput{OfEnvironment: of})
		if err == nil {
			r.Tell(topic, "The offer is taken back.")
		}
		return err
	}))
}
