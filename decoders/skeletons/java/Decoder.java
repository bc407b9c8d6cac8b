// A decoder program for dbnbench: put your decoder in the place of decode().
import java.io.*;
import java.nio.*;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

public class Decoder {
    // Where a record of this type has its price, and behind it its size; 0 if it has none or is too short.
    static int priceAt(int type, int size) {
        switch (type) {
            case 0x00: return size >= 48 ? 16 : 0;
            case 0x0A: return size >= 368 ? 16 : 0;
            case 0xA0: return size >= 56 ? 24 : 0;
            case 0x01: case 0xB1: case 0xC0: case 0xC1: case 0xC2: case 0xC3: case 0xC4: return size >= 80 ? 16 : 0;
            default: return 0;
        }
    }

    // The number of records, and their ts_event, price and size added up. What is cut off is an exception.
    static long[] decode(String path) throws IOException {
        try (FileChannel file = FileChannel.open(Path.of(path))) {
            ByteBuffer in = file.map(FileChannel.MapMode.READ_ONLY, 0, file.size()).order(ByteOrder.LITTLE_ENDIAN);
            if ((in.getInt(0) & 0xFFFFFF) != 0x4E4244 || in.get(3) > 3)
                throw new IOException("it is no DBN");
            long[] sums = new long[4];
            in.position(Math.addExact(8, in.getInt(4)));
            while (in.hasRemaining()) {
                int at = in.position(), size = (in.get(at) & 0xFF) * 4; // its length is in 4-byte words
                if (size < 16)
                    throw new IOException("a record without a header");
                in.position(at + size);
                int price = priceAt(in.get(at + 1) & 0xFF, size);
                sums[0]++;
                sums[1] += in.getLong(at + 8);
                sums[2] += price == 0 ? 0 : in.getLong(at + price);
                sums[3] += price == 0 ? 0 : in.getInt(at + price + 8) & 0xFFFFFFFFL;
            }
            return sums;
        }
    }

    public static void main(String[] args) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String path = "", answer;
        for (String line; !"quit".equals(line = in.readLine()) && line != null; System.out.println(answer)) try {
            answer = line.equals("hello 1") ? "hello 1 my decoder 0.1" : line.equals("nothing") ? "ok" : "error unknown word";
            if (line.startsWith("open ")) {
                path = line.substring(5);
                answer = "ok";
            } else if (line.startsWith("run sum ") || line.startsWith("warm sum ")) {
                for (int n = Integer.parseInt(line.split(" ")[2]); n > 0; n--) {
                    long[] s = decode(path);
                    answer = "ok " + s[0] + " " + s[1] + " " + s[2] + " " + s[3];
                }
            }
        } catch (Exception e) { answer = "error " + e; }
    }
}
