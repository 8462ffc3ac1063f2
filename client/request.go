package client

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/ops"
)

// request builds the request for an operation from the tags of its input.
func (c *Client) request(ctx context.Context, op *ops.Operation, in any) (*http.Request, error) {
	value := reflect.Indirect(reflect.ValueOf(in))
	switch {
	case !op.Built || op.Method == "":
		return nil, holm.Errorf(holm.CodeInvalid, "%s cannot be asked for over HTTP.", op.Name)
	case !value.IsValid() || value.Type() != op.Input:
		return nil, holm.Errorf(holm.CodeInvalid, "%s takes a %s, not a %T.", op.Name, op.Input, in)
	}
	target, err := c.address(op, value)
	if err != nil {
		return nil, err
	}
	var body io.Reader
	field := value.FieldByName("Body")
	if field.IsValid() {
		data, err := encodeBody(field)
		if err != nil {
			return nil, holm.Wrap(holm.CodeInvalid, err, "The input of %s cannot be written as JSON.", op.Name)
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, op.Method, target, body)
	if err != nil {
		return nil, holm.Wrap(holm.CodeInvalid, err, "%s cannot be asked for.", op.Name)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	c.sign(req)
	return req, addHeaders(req.Header, op, value)
}

// sign adds who asks and how.
func (c *Client) sign(req *http.Request) {
	req.Header.Set("Accept", "application/json, application/problem+json")
	req.Header.Set("User-Agent", c.agent)
	if c.road != "" {
		req.Header.Set("Holm-Road", string(c.road))
	}
	if !c.token.Empty() {
		req.Header.Set("Authorization", "Bearer "+c.token.Reveal())
	}
}

// address gives the URL of an operation with this input. What is zero is left
// out of the query: the server has the same idea of "not given".
func (c *Client) address(op *ops.Operation, in reflect.Value) (string, error) {
	base, err := url.Parse(c.base)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return "", holm.Invalid("server", "%q is not the address of a server; write it like https://holm.example.org.", c.base)
	}
	path, err := op.PathFor(in.Interface())
	if err != nil {
		return "", holm.AsError(err)
	}
	query := url.Values{}
	for _, f := range op.Fields() {
		if v := in.FieldByIndex(f.Index); f.In == "query" && !v.IsZero() {
			query.Set(f.Name, fmt.Sprint(reflect.Indirect(v).Interface()))
		}
	}
	target := base.Scheme + "://" + base.Host + strings.TrimSuffix(base.EscapedPath(), "/") + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	return target, nil
}

// addHeaders sets the headers that an input asks for with its tag `header`.
func addHeaders(h http.Header, op *ops.Operation, in reflect.Value) error {
	for _, f := range reflect.VisibleFields(op.Input) {
		name := f.Tag.Get("header")
		if name == "" || in.FieldByIndex(f.Index).IsZero() {
			continue
		}
		value := fmt.Sprint(in.FieldByIndex(f.Index).Interface())
		if strings.ContainsAny(value, "\r\n\x00") {
			return holm.Invalid(name, "%s has a line break.", name)
		}
		h.Set(name, value)
	}
	return nil
}
