package client

import (
	"encoding/json"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/holmhq/holm"
)

// problem is an application/problem+json document with Holm's additions.
type problem struct {
	Title        string             `json:"title"`
	Status       int                `json:"status"`
	Detail       string             `json:"detail"`
	Code         holm.Code          `json:"code"`
	Permission   string             `json:"permission"`
	Reason       string             `json:"reason"`
	GrantableBy  string             `json:"grantable_by"`
	Errors       []badInput         `json:"errors"`
	SecondFactor *holm.SecondFactor `json:"second_factor"`
}

// badInput is one input that was refused, by its name or by its place in the
// request ("body.email").
type badInput struct {
	Name     string `json:"name"`
	Location string `json:"location"`
	Reason   string `json:"reason"`
	Message  string `json:"message"`
}

func (b badInput) field() holm.Field {
	f := holm.Field{Name: b.Name, Reason: b.Reason}
	if f.Name == "" {
		f.Name = b.Location
		for _, place := range []string{"body.", "path.", "query.", "header."} {
			f.Name = strings.TrimPrefix(f.Name, place)
		}
	}
	if f.Reason == "" {
		f.Reason = b.Message
	}
	return f
}

// problem reads the error that the server answered. What is no problem
// document (a proxy's page, another program) is told by its status alone.
func (c *Client) problem(res *http.Response, body []byte) error {
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	var p problem
	if !strings.HasSuffix(kind, "json") || json.Unmarshal(body, &p) != nil || p.Detail == "" && p.Title == "" {
		return c.strange(res)
	}
	e := &holm.Error{Code: p.Code, Detail: p.Detail, Permission: p.Permission, Reason: p.Reason, GrantableBy: p.GrantableBy, SecondFactor: p.SecondFactor}
	if e.Detail == "" {
		e.Detail = p.Title
	}
	if !slices.Contains(holm.Codes, e.Code) {
		e.Code = codeOf(res.StatusCode)
	}
	for _, b := range p.Errors {
		e.Fields = append(e.Fields, b.field())
	}
	return e
}

// strange tells of an answer that no Holm server gives.
func (c *Client) strange(res *http.Response) error {
	if to := res.Header.Get("Location"); to != "" && res.StatusCode/100 == 3 {
		return holm.Errorf(holm.CodeUnavailable, "The server at %s sends on to %s; use that address.", c.base, to)
	}
	return holm.Errorf(codeOf(res.StatusCode), "The server at %s answered %d %s without saying why; is this the address of a Holm server?",
		c.base, res.StatusCode, http.StatusText(res.StatusCode))
}

// codeOf gives the nearest code of an HTTP status.
func codeOf(status int) holm.Code {
	switch status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType:
		return holm.CodeInvalid
	case http.StatusUnauthorized:
		return holm.CodeUnauthorized
	case http.StatusForbidden:
		return holm.CodeForbidden
	case http.StatusNotFound:
		return holm.CodeNotFound
	case http.StatusConflict, http.StatusPreconditionFailed:
		return holm.CodeConflict
	case http.StatusGone:
		return holm.CodeGone
	case http.StatusPaymentRequired:
		return holm.CodeQuota
	case http.StatusTooManyRequests:
		return holm.CodeTooMany
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return holm.CodeUnavailable
	}
	return holm.CodeInternal
}
