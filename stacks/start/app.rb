# The page a new node shows until an application is deployed.
require "socket"

PAGE = File.binread(File.join(__dir__, "index.html"))
server = TCPServer.new("0.0.0.0", Integer(ENV.fetch("PORT", "8080")))
trap("TERM") { exit }

loop do
  Thread.new(server.accept) do |connection|
    request = connection.gets.to_s
    loop { break if connection.gets.to_s.strip.empty? }
    method, path = request.split
    status = path.to_s.split("?").first == "/" ? "200 OK" : "404 Not Found"
    connection.write "HTTP/1.1 #{status}\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-cache\r\n" \
                     "Content-Length: #{PAGE.bytesize}\r\nConnection: close\r\n\r\n"
    connection.write PAGE unless method == "HEAD"
  rescue IOError, SystemCallError
    # whoever asked has gone
  ensure
    connection.close
  end
end
