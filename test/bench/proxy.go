package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/holmhq/holm/stacks"
)

const proxied = 10_000

// proxy sends the same small requests to a node straight, through Holm and
// through nginx, and reads from the kernel what each carrier used. The load
// program's own time is in none of the numbers.
func proxy(b *bench) error {
	s, err := b.serve("local")
	if err != nil {
		return err
	}
	defer s.close()
	fast := static(1)
	fast.Cloudlets = 16 // or everybody waits for the node
	if _, err := s.create("shop", fast); err != nil {
		return err
	}
	shop, err := s.running("shop")
	if err != nil {
		return err
	}
	stack, err := stacks.Get("static")
	if err != nil {
		return err
	}
	node := net.JoinHostPort(shop.Layers[0].Nodes[0].Address, strconv.Itoa(stack.Port))
	straight, _, err := b.carry(newVisitor("http://"+node, "", ""))
	if err != nil {
		return err
	}
	plain(b, fmt.Sprintf("%d requests straight to the node", proxied), straight)
	whole, used, err := b.carry(newVisitor(s.url(), s.host("shop"), ""), s.pid())
	if err != nil {
		return err
	}
	plain(b, fmt.Sprintf("%d requests through Holm", proxied), whole)
	plain(b, "CPU of Holm for them", used)
	return b.nginxBeside(node, used)
}

// carry sends the requests and gives how long they took and what CPU time
// some processes used meanwhile.
func (b *bench) carry(v *visitor, pids ...int) (whole, used time.Duration, err error) {
	defer v.close()
	if err := v.until200(b.ctx); err != nil {
		return 0, 0, err
	}
	if err := v.many(b.ctx, proxied/10); err != nil { // to warm up
		return 0, 0, err
	}
	before, err := cpu(pids...)
	if err != nil {
		return 0, 0, err
	}
	began := time.Now()
	if err := v.many(b.ctx, proxied); err != nil {
		return 0, 0, err
	}
	whole = time.Since(began)
	after, err := cpu(pids...)
	return whole, after - before, err
}

// configuration is that of an nginx that carries everything to one node over
// connections that it keeps, and touches nothing of the machine.
const configuration = `
daemon off;
worker_processes 1;
pid %[1]s/nginx.pid;
error_log stderr;
events { worker_connections 256; }
http {
	access_log off;
	client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
	keepalive_requests 1000000;
	upstream node { server %[2]s; keepalive 16; keepalive_requests 1000000; }
	server {
		listen %[3]s;
		location / {
			proxy_pass http://node;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_set_header Host $host;
			proxy_set_header X-Forwarded-For $remote_addr;
		}
	}
}
`

func (b *bench) nginxBeside(node string, ours time.Duration) error {
	program, err := exec.LookPath("nginx")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/nginx"); err != nil {
			b.note("nginx is not beside it: it is not installed")
			return nil
		}
	}
	dir, err := folder()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	address, err := freeAddress()
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, fmt.Appendf(nil, configuration, dir, node, address), 0o644); err != nil {
		return err
	}
	p, err := launch(dir, program, []string{"-e", "stderr", "-p", dir, "-c", file}, nil)
	if err != nil {
		return err
	}
	defer p.end()
	v := newVisitor("http://"+address, "", "")
	if err := v.until200(b.ctx); err != nil {
		return fmt.Errorf("nginx: %w: %s", err, p.said())
	}
	whole, used, err := b.carry(v, append(children(p.pid()), p.pid())...)
	if err != nil {
		return err
	}
	plain(b, fmt.Sprintf("%d requests through nginx", proxied), whole)
	beside(b, "CPU of nginx for them", used, ours)
	return nil
}
